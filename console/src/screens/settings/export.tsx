import { useState } from 'preact/hooks';
import { ErrorNote } from '../../parts/error-note';
import { bytes } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { saveFile } from '../../parts/save-file';
import { useAction } from '../../parts/use-action';

/** Downloads everything that the account has. */
export function Export() {
  const [read, setRead] = useState(0);
  const download = useAction(async () => {
    setRead(0);
    await saveFile('/export', setRead);
  });
  return (
    <section class="card stack">
      <div>
        <h2>Export</h2>
        <p class="muted">
          A zip archive of all your graphs, also those in the trash: every version as a file with its exact
          bytes, titles, labels and policies. You can import it here, or into another installation.
        </p>
      </div>
      <ErrorNote error={download.error} />
      <p class="row">
        <button
          type="button"
          class="button primary"
          disabled={download.busy}
          onClick={() => void download.run()}
        >
          <Icon name="download" /> Download everything
        </button>
        <span class="muted" role="status">
          {download.busy && `${bytes(read)} so far…`}
        </span>
      </p>
    </section>
  );
}
