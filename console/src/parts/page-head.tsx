import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { withMarksShown } from './direction-marks';

interface Props {
  title: string;
  lead?: ComponentChildren;
  /** Links to the screens above this one. */
  crumbs?: ComponentChildren;
  /** Buttons. */
  children?: ComponentChildren;
}

/** The heading of a screen. It gets the focus when the screen opens, so that screen readers say where they are. */
export function PageHead({ title, lead, crumbs, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${withMarksShown(title)} · GraphOMAT Backup`;
  }, [title]);
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.closest('nav'))
      heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header class="page-head">
      <div class="grow">
        {crumbs && (
          <nav class="crumbs" aria-label="Above this page">
            {crumbs}
          </nav>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead && <div class="lead">{lead}</div>}
      </div>
      {children && <div class="row">{children}</div>}
    </header>
  );
}
