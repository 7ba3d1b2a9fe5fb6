import { useState } from 'preact/hooks';
import { Icon } from './icon';

/** A text that is shown once, to be copied. */
export function Secret({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return (
    <div class="secret">
      <input
        class="input mono grow"
        readOnly
        aria-label={label}
        value={value}
        onFocus={(event) => event.currentTarget.select()}
      />
      {/* Without https, browsers have no clipboard for pages: the text is selected by a click on it. */}
      {'clipboard' in navigator && (
        <button type="button" class="button" onClick={() => void copy()}>
          <Icon name={copied ? 'check' : 'copy'} /> {copied ? 'Copied' : 'Copy'}
        </button>
      )}
    </div>
  );
}
