import { useEffect, useRef } from 'preact/hooks';
import { configText } from '../../parts/documents';
import { Loaded, Waiting } from '../../parts/loaded';
import { useResource } from '../../parts/use-resource';

interface Props {
  from: { graph: string; version: number };
  to: { graph: string; version: number };
}

/** Text that is written in fewer lines than this for its length was not written for people. */
const LINE_MAX = 400;

/** Texts for reading: one long line is set in lines. */
function readable(text: string): string {
  if (text.length < LINE_MAX || text.length / text.split('\n').length < LINE_MAX) return text;
  return JSON.stringify(JSON.parse(text), null, 2);
}

/** Both documents as text, side by side. The editor is loaded only here. */
export function JsonTab({ from, to }: Props) {
  const texts = useResource(async () => {
    const [old, now, editor] = await Promise.all([
      configText(from.graph, from.version),
      configText(to.graph, to.version),
      import('./merge-view'),
    ]);
    const shown = { old: readable(old), now: readable(now) };
    return { ...shown, isSet: shown.old !== old || shown.now !== now, showMerge: editor.showMerge };
  }, [from.graph, from.version, to.graph, to.version]);
  return (
    <Loaded of={texts} waiting={<Waiting lines={1} height={400} />}>
      {({ old, now, isSet, showMerge }) => (
        <>
          {isSet && <p class="small muted">Set in lines for reading. What is stored keeps its own bytes.</p>}
          <Merge old={old} now={now} show={showMerge} />
        </>
      )}
    </Loaded>
  );
}

interface MergeProps {
  old: string;
  now: string;
  show: (host: HTMLElement, old: string, now: string) => () => void;
}

function Merge({ old, now, show }: MergeProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => (host.current ? show(host.current, old, now) : undefined), [old, now]);
  return <div ref={host} class="merge" role="region" aria-label="The two documents as text" tabIndex={0} />;
}
