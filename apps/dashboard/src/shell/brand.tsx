/** The mark: a gate of film perforations with a play sign in it. */
export function Brand() {
  return (
    <span className="flex items-center gap-2">
      <svg aria-hidden="true" viewBox="0 0 32 32" className="size-6">
        <rect width="32" height="32" rx="8" className="fill-accent-ground" />
        <path
          d="M8 8v16M24 8v16"
          className="stroke-white"
          strokeWidth="2.5"
          strokeLinecap="round"
          strokeDasharray="2.5 4.25"
        />
        <path
          d="M13 11.2v9.6a.9.9 0 0 0 1.4.75l7-4.8a.9.9 0 0 0 0-1.5l-7-4.8a.9.9 0 0 0-1.4.75Z"
          className="fill-white"
        />
      </svg>
      <span className="font-semibold text-base tracking-tight">Reelgate</span>
    </span>
  );
}
