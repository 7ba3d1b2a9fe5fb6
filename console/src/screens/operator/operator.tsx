import './operator.css';
import { useRoute } from 'preact-iso';
import { Empty } from '../../parts/empty';
import { PageHead } from '../../parts/page-head';
import { currentUser } from '../../parts/shell';
import { Tabs } from '../../parts/tabs';
import { Audit } from './audit';
import { Copies } from './copies';
import { Health } from './health';
import { Load } from './load';
import { Retention } from './retention';

const SECTIONS = {
  health: { label: 'Health', Part: Health },
  copies: { label: 'Copies', Part: Copies },
  retention: { label: 'Retention', Part: Retention },
  load: { label: 'Storage and speed', Part: Load },
  audit: { label: 'Audit log', Part: Audit },
} as const;
type Section = keyof typeof SECTIONS;

const TABS = (Object.keys(SECTIONS) as Section[]).map((name) => ({
  path: name === 'health' ? '/operator' : `/operator/${name}`,
  label: SECTIONS[name].label,
}));

/** How the installation is doing. */
export function Operator() {
  const name = useRoute().params['section'];
  const { Part } =
    SECTIONS[name !== undefined && Object.hasOwn(SECTIONS, name) ? (name as Section) : 'health'];
  if (currentUser().role === 'user') return <NotForUsers />;
  return (
    <>
      <PageHead title="Operation" />
      <Tabs label="Operation" of={TABS} />
      <div class="sections">
        <Part />
      </div>
    </>
  );
}

function NotForUsers() {
  return (
    <>
      <PageHead title="Operation" />
      <Empty title="This page is for operators">
        <p>Your account is that of a user. An administrator can make you an operator.</p>
        <a class="button" href="/graphs">
          To your graphs
        </a>
      </Empty>
    </>
  );
}
