import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // The gateway puts a fresh one into every page that it serves.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page allows files of ours and nothing else: no data URLs, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // `npm run dev --workspace apps/dashboard` beside a running `npm start`.
    proxy: { '/admin': 'http://127.0.0.1:8080', '/auth': 'http://127.0.0.1:8080' },
  },
});
