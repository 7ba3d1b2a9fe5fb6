import type { ComponentChildren } from 'preact';

/** Short facts, each under its name. */
export function Facts({ of }: { of: ReadonlyArray<readonly [name: string, value: ComponentChildren]> }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
