import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** The frame of the screens before signing in. */
export function Gate({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · GraphOMAT Backup`;
  }, [title]);
  return (
    <main class="gate">
      <div class="gate-card">
        <p class="brand">
          <img src="/favicon.svg" alt="" /> GraphOMAT Backup
        </p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
