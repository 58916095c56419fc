import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiFailure } from './api/client.ts';
import { applyPreferences } from './preferences/preferences.ts';
import { createAppRouter } from './router.tsx';
import { Toasts } from './ui/toast.tsx';
import './style.css';

// For the one style element with which an open dialog keeps the page from scrolling.
const nonce = document.querySelector('script[nonce]')?.getAttribute('nonce') || scriptNonce();
if (nonce) setNonce(nonce);
applyPreferences();

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was refused stays refused; what was not answered is asked for again.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiFailure && error.status < 500),
    },
  },
});
const router = createAppRouter(queryClient);
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no root.');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Toasts>
        <RouterProvider router={router} />
      </Toasts>
    </QueryClientProvider>
  </StrictMode>,
);

/** Browsers hide the attribute from selectors and keep the property. */
function scriptNonce(): string | undefined {
  return [...document.scripts].find((script) => script.nonce)?.nonce;
}
