/** The few signs that carry a meaning, drawn in the colour of their text. What they mean is said beside them. */

const PATHS = {
  close: 'M5 5l10 10M15 5L5 15',
  photo: 'M3 15l4.5-5 3.5 4 2-2 4 3.5M3 4h14v12H3zM13 8h.01',
  add: 'M10 4v12M4 10h12',
  folder: 'M3 6h5l2 2h7v8H3z',
  pause: 'M7 5v10M13 5v10',
  play: 'M7 5l8 5-8 5z',
  check: 'M4 10.5l4 4 8-9',
  back: 'M12 5l-5 5 5 5',
  lock: 'M6 9V7a4 4 0 018 0v2M5 9h10v7H5z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className = '' }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 20 20"
      aria-hidden="true"
      className={`size-5 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
