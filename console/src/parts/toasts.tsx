import { Store } from '../api/store';
import { Icon } from './icon';
import { useStore } from './use-store';

interface Toast {
  id: number;
  text: string;
  undo?: (() => void) | undefined;
}

const SHOWN_MS = 10_000;
const toasts = new Store<readonly Toast[]>([]);
let ids = 0;

function remove(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Says that something was done, with a way back where there is one. */
export function say(text: string, undo?: () => void): void {
  const id = (ids += 1);
  toasts.value = [...toasts.value.slice(-2), { id, text, undo }];
  setTimeout(() => remove(id), undo ? 2 * SHOWN_MS : SHOWN_MS);
}

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, undo }) => (
        <div key={id} class="toast">
          <span class="grow">{text}</span>
          {undo && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                remove(id);
                undo();
              }}
            >
              Undo
            </button>
          )}
          <button
            type="button"
            class="button small quiet icon"
            aria-label="Dismiss"
            onClick={() => remove(id)}
          >
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
