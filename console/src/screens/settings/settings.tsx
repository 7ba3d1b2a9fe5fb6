import './settings.css';
import { useRoute } from 'preact-iso';
import { PageHead } from '../../parts/page-head';
import { Tabs } from '../../parts/tabs';
import { Account } from './account';
import { ApiTokens } from './api-tokens';
import { Export } from './export';
import { Import } from './import';
import { Webhooks } from './webhooks';

const TABS = [
  { path: '/settings', label: 'Account' },
  { path: '/settings/tokens', label: 'API tokens' },
  { path: '/settings/webhooks', label: 'Webhooks' },
  { path: '/settings/data', label: 'Export and import' },
];

/** The account of the signed-in user. */
export function Settings() {
  const section = useRoute().params['section'];
  return (
    <>
      <PageHead title="Settings" />
      <Tabs label="Settings" of={TABS} />
      {section === 'tokens' ? (
        <ApiTokens />
      ) : section === 'webhooks' ? (
        <Webhooks />
      ) : section === 'data' ? (
        <div class="sections">
          <Export />
          <Import />
        </div>
      ) : (
        <Account />
      )}
    </>
  );
}
