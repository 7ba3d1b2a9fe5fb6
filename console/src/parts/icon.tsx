const PATHS = {
  graphs: 'M4 5h5v5H4zM15 14h5v5h-5zM9 7.5h4.5a2 2 0 0 1 2 2V14',
  trash: 'M4 7h16M9 7V4.5h6V7M6.5 7l1 12.5h9l1-12.5M10 10.5v5.5M14 10.5v5.5',
  recovery: 'M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5M12 7.5V12l3 2',
  policy: 'M12 3.5 5 6v5.5c0 4.3 2.9 7.4 7 9 4.1-1.6 7-4.7 7-9V6zM9 12l2.2 2.2L15.5 10',
  sources: 'M9 7V3.5M15 7V3.5M6.5 7h11v4a5.5 5.5 0 0 1-11 0zM12 16.5v4',
  settings:
    'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 3.5v2.3M12 18.2v2.3M3.5 12h2.3M18.2 12h2.3M6 6l1.6 1.6M16.4 16.4 18 18M18 6l-1.6 1.6M7.6 16.4 6 18',
  operator: 'M4 19.5h16M6.5 16v-4M11 16V7.5M15.5 16v-6M19 16V5',
  users:
    'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 19.5c.5-3.6 2.8-5.3 6-5.3s5.5 1.7 6 5.3M15.5 5a3.3 3.3 0 0 1 0 6.2M17 14.6c2.3.6 3.6 2.2 4 4.9',
  docs: 'M6 3.5h8.5L19 8v12.5H6zM14 3.5V8.5h5M9 12.5h7M9 16h7',
  out: 'M10 4.5H5v15h5M14 8l4 4-4 4M18 12H9.5',
  close: 'M6 6l12 12M18 6 6 18',
  menu: 'M4 7h16M4 12h16M4 17h16',
  search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5',
  plus: 'M12 5v14M5 12h14',
  pin: 'M9 3.5h6l-1 6 3.5 3.5h-11L10 9.5zM12 13v7.5',
  label: 'M4 4.5h7.5l8.5 8.5-7 7L4.5 11.5zM8 8.5h.01',
  compare: 'M7 4v13M7 17l-3-3M7 17l3-3M17 20V7M17 7l-3 3M17 7l3 3',
  restore: 'M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5',
  download: 'M12 4v11M12 15l-4-4M12 15l4-4M4.5 19.5h15',
  copy: 'M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4',
  left: 'M14.5 6l-6 6 6 6',
  right: 'M9.5 6l6 6-6 6',
  zoomIn: 'M12 6v12M6 12h12',
  zoomOut: 'M6 12h12',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 7.5V12l3 2',
  upload: 'M12 16V5M12 5 8 9M12 5l4 4M4.5 19.5h15',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture that repeats what the text next to it says; screen readers skip it. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
