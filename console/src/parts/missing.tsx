import { PageHead } from './page-head';

/** A page for a link that leads to nothing. */
export function Missing({ what, home, to }: { what: string; home: string; to: string }) {
  return (
    <>
      <PageHead
        title={`There is no such ${what}`}
        lead={`It ${what === 'graph' ? 'is in the trash, ' : ''}was removed, or the link belongs to another account.`}
      />
      <p class="row">
        <a class="button primary" href={home}>
          {to}
        </a>
        {what === 'graph' && (
          <a class="button" href="/trash">
            Look in the trash
          </a>
        )}
      </p>
    </>
  );
}
