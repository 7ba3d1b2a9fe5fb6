import './policy.css';
import { useRoute } from 'preact-iso';
import { api } from '../../api/client';
import { Loaded } from '../../parts/loaded';
import { PageHead } from '../../parts/page-head';
import { useResource } from '../../parts/use-resource';
import { Editor } from './editor';
import { readPolicy } from './policy-calls';

/** More versions are not previewed with each key, but when asked for. */
const AUTO_MAX = 50_000;

/** What is kept of all graphs of the account. */
export function AccountPolicy() {
  const loaded = useResource(async (signal) => {
    const status = await api.get('/backups/status', { signal });
    return { policy: await readPolicy(undefined, signal), auto: status.data.versions <= AUTO_MAX };
  }, []);
  return (
    <>
      <PageHead
        title="Policy"
        lead="How many versions are kept of your graphs. A version stays when any rule keeps it; the newest, pinned and labelled versions always stay."
      />
      <Loaded of={loaded}>{({ policy, auto }) => <Editor policy={policy} auto={auto} />}</Loaded>
    </>
  );
}

/** What is kept of one graph. */
export function GraphPolicy() {
  const id = useRoute().params['id']!;
  const loaded = useResource(
    async (signal) => {
      const graph = await api.get('/graphs/{id}', { path: { id }, signal });
      return { policy: await readPolicy(id, signal), title: graph.data.title };
    },
    [id],
  );
  return (
    <>
      <PageHead
        title={loaded.data ? `Policy of ${loaded.data.title}` : 'Policy of a graph'}
        crumbs={<a href="/policy">Policy</a>}
        lead={
          <>
            What is kept of <a href={`/graphs/${id}`}>this graph</a>. What you leave inherited follows the
            policy of your account.
          </>
        }
      />
      <Loaded of={loaded}>{({ policy }) => <Editor key={id} id={id} policy={policy} auto />}</Loaded>
    </>
  );
}
