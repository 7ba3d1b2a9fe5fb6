import { json } from '@codemirror/lang-json';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightSpecialChars, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Time and effort that the comparison of texts may take; what is beyond is shown as one block. */
const LIMITS = { scanLimit: 1_000, timeout: 1_500 };
const NARROW = 720;

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--info)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warning)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '12.5px' },
  '.cm-scroller': { fontFamily: 'var(--mono)' },
  '.cm-gutters': {
    color: 'var(--muted)',
    backgroundColor: 'var(--sunken)',
    borderRight: '1px solid var(--line)',
  },
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--danger-soft)' },
  '&.cm-merge-b .cm-changedLine, .cm-changedLine': { backgroundColor: 'var(--ok-soft)' },
  '&.cm-merge-a .cm-changedText': {
    background: 'color-mix(in srgb, var(--danger-line) 16%, transparent)',
  },
  '&.cm-merge-b .cm-changedText': {
    background: 'color-mix(in srgb, var(--ok-line) 16%, transparent)',
  },
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯"' },
  '.cm-collapsedLines': { color: 'var(--muted)', background: 'var(--sunken)' },
});

const named = (name: string): Extension => EditorView.contentAttributes.of({ 'aria-label': name });

const extensions: Extension[] = [
  lineNumbers(),
  highlightSpecialChars(),
  json(),
  syntaxHighlighting(colours),
  look,
  EditorView.lineWrapping,
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
];

/**
 * Shows two texts side by side, or one above the other where there is no room. In a shadow tree: there the editor sets
 * its styles in a way that the content policy allows. Returns what removes them.
 */
export function showMerge(host: HTMLElement, old: string, now: string): () => void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const collapseUnchanged = { margin: 3, minSize: 6 };
  if (host.clientWidth < NARROW) {
    const merge = unifiedMergeView({
      original: old,
      mergeControls: false,
      collapseUnchanged,
      diffConfig: LIMITS,
    });
    const view = new EditorView({
      doc: now,
      extensions: [...extensions, merge, named('Before and after')],
      root,
      parent: root,
    });
    return () => view.destroy();
  }
  const view = new MergeView({
    a: { doc: old, extensions: [...extensions, named('Before')] },
    b: { doc: now, extensions: [...extensions, named('After')] },
    root,
    parent: root,
    collapseUnchanged,
    diffConfig: LIMITS,
  });
  return () => view.destroy();
}
