import { useEffect, useImperativeHandle, useMemo, useRef } from 'preact/hooks';
import type { Ref } from 'preact';
import { getText } from '../api/client';
import { Icon } from './icon';
import { Loaded, Waiting } from './loaded';
import type { Selection } from './selection';
import { Viewport } from './viewport';
import { useResource } from './use-resource';

/** What a screen can do with its picture. */
export interface PictureHandle {
  /** Brings a node or edge into the middle. */
  show: (selection: Selection) => void;
}

interface Props {
  /** Address of the SVG below the API's prefix. */
  address: string;
  label: string;
  selected?: Selection | undefined;
  onSelect?: (selection: Selection | undefined) => void;
  /** Nodes that only moved are drawn as unchanged. */
  hideMoves?: boolean;
  handle?: Ref<PictureHandle>;
}

/** A picture of the service, to pan, zoom and select in. It is drawn in a shadow tree, with its own styles. */
export function Picture(props: Props) {
  const svg = useResource((signal) => getText(props.address, signal), [props.address]);
  return (
    <Loaded of={svg} waiting={<Waiting lines={1} height={360} />}>
      {(text) => <Canvas {...props} text={text} />}
    </Loaded>
  );
}

const OWN_STYLE = `
:host{display:block}
div.layer{width:0;height:0;will-change:transform}
svg{display:block;max-width:none!important;transform-origin:0 0;user-select:none}
[data-node],[data-edge]{cursor:pointer}
.far text{display:none}
.picked>rect:first-of-type,.picked.e{stroke:var(--focus)!important;stroke-width:4!important}
.hide-moves [data-change=moved],.hide-moves .ghost.moved,.hide-moves .trail.moved,.hide-moves .b.moved{opacity:.35}
.hide-moves .ghost.moved,.hide-moves .trail.moved,.hide-moves .b.moved{display:none}`;

const STYLE = /<style>([^<]*)<\/style>/;

/** The SVG element of a text of the service, and its styles, which the content policy does not allow in markup. */
function parse(text: string): { svg: SVGSVGElement; style: string } | undefined {
  const style = STYLE.exec(text)?.[1] ?? '';
  const { documentElement } = new DOMParser().parseFromString(text.replace(STYLE, ''), 'image/svg+xml');
  if (documentElement.localName !== 'svg') return undefined;
  for (const element of documentElement.querySelectorAll('style,script,foreignObject')) element.remove();
  return { svg: document.importNode(documentElement, true) as unknown as SVGSVGElement, style };
}

function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

function Canvas({ text, label, selected, onSelect, hideMoves = false, handle }: Props & { text: string }) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<Viewport>(null);
  const parsed = useMemo(() => parse(text), [text]);
  useEffect(() => {
    const element = host.current;
    if (!element || !parsed) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet(parsed.style), sheet(OWN_STYLE)];
    parsed.svg.setAttribute('aria-label', label);
    const layer = document.createElement('div');
    layer.className = 'layer';
    layer.append(parsed.svg);
    root.replaceChildren(layer);
    const viewport = new Viewport(element, layer, parsed.svg);
    view.current = viewport;
    return () => viewport.close();
  }, [parsed]);
  useEffect(() => {
    view.current?.svg.classList.toggle('hide-moves', hideMoves);
  }, [hideMoves, text]);
  useEffect(() => {
    const svg = view.current?.svg;
    svg?.querySelectorAll('.picked').forEach((element) => element.classList.remove('picked'));
    if (svg && selected) find(svg, selected)?.classList.add('picked');
  }, [selected?.kind, selected?.id, text]);
  useImperativeHandle(handle ?? null, () => ({
    show: (selection) => {
      const element = view.current && find(view.current.svg, selection);
      if (element) view.current?.centre(element);
    },
  }));
  const click = (event: MouseEvent) => {
    if (view.current?.wasDragged) return;
    const target = event
      .composedPath()
      .find((part): part is Element => part instanceof Element && isPart(part));
    onSelect?.(target && selectionOf(target));
  };
  if (!parsed) return <p class="note warning">The service sent no picture that can be shown.</p>;
  return (
    <div class="picture">
      <div
        ref={host}
        class="picture-canvas"
        role="group"
        aria-label={`${label}. Drag or use the arrow keys to move, plus and minus to zoom, 0 to fit.`}
        tabIndex={0}
        onClick={click}
        onKeyDown={(event) => view.current?.onKey(event)}
      />
      <div class="picture-tools">
        <button
          type="button"
          class="button icon"
          aria-label="Zoom in"
          onClick={() => view.current?.zoom(1.25)}
        >
          <Icon name="zoomIn" />
        </button>
        <button
          type="button"
          class="button icon"
          aria-label="Zoom out"
          onClick={() => view.current?.zoom(0.8)}
        >
          <Icon name="zoomOut" />
        </button>
        <button type="button" class="button icon" aria-label="Fit" onClick={() => view.current?.fit()}>
          <Icon name="fit" />
        </button>
      </div>
    </div>
  );
}

function isPart(element: Element): boolean {
  return element.hasAttribute('data-node') || element.hasAttribute('data-edge');
}

function selectionOf(element: Element): Selection {
  const node = element.getAttribute('data-node');
  return node === null
    ? { kind: 'edge', id: element.getAttribute('data-edge') ?? '' }
    : { kind: 'node', id: node };
}

function find(svg: SVGSVGElement, { kind, id }: Selection): Element | null {
  return svg.querySelector(`[data-${kind}="${CSS.escape(id)}"]`);
}
