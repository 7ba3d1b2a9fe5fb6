import { useLocation } from 'preact-iso';

interface Tab {
  path: string;
  label: string;
}

/** Links to the parts of a screen; each part has an address. */
export function Tabs({ label, of }: { label: string; of: readonly Tab[] }) {
  const { path } = useLocation();
  return (
    <nav class="tabs" aria-label={label}>
      {of.map((tab) => (
        <a key={tab.path} href={tab.path} aria-current={path === tab.path ? 'page' : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}
