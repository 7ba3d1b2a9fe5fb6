import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';

interface Tab {
  path: string;
  label: string;
}

/** Links to the parts of a screen; each part has an address. On a narrow page, the present one is scrolled into sight. */
export function Tabs({ label, of }: { label: string; of: readonly Tab[] }) {
  const { path } = useLocation();
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    const present = bar.current?.querySelector<HTMLElement>('[aria-current]');
    if (!bar.current || !present) return;
    bar.current.scrollLeft = present.offsetLeft + present.offsetWidth - bar.current.clientWidth;
  }, [path]);
  return (
    <nav ref={bar} class="tabs" aria-label={label}>
      {of.map((tab) => (
        <a key={tab.path} href={tab.path} aria-current={path === tab.path ? 'page' : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}
