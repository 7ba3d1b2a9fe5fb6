import { options } from 'preact';

/** Embeddings, overrides and isolates turn the direction of what follows: "live" would read as "evil". */
const MARKS = /[\u202a-\u202e\u2066-\u2069]/g;
const TEXTS = ['title', 'aria-label', 'alt'];

/** The text with its direction marks as readable codes, such as `[U+202E]`, which turn nothing. */
export function withMarksShown(text: string): string {
  return text.replace(MARKS, (mark) => `[U+${mark.charCodeAt(0).toString(16).toUpperCase()}]`);
}

/** Shows direction marks as codes in every text on the page. What is typed into a field keeps them. */
export function showMarksEverywhere(): void {
  const before = options.vnode?.bind(options);
  options.vnode = (vnode) => {
    // A text has no type, and its text in place of its properties.
    const node: { type: unknown; props: unknown } = vnode;
    if (typeof node.props === 'string') node.props = withMarksShown(node.props);
    else if (typeof node.type === 'string') {
      const props = node.props as Record<string, unknown>;
      for (const name of TEXTS) {
        const text = props[name];
        if (typeof text === 'string') props[name] = withMarksShown(text);
      }
    }
    before?.(vnode);
  };
}
