import { api } from '../../api/client';
import { Bars } from '../../parts/bars';
import { Facts } from '../../parts/facts';
import { bytes, count } from '../../parts/format';
import { Loaded } from '../../parts/loaded';
import { useResource } from '../../parts/use-resource';
import { timeOr } from './words';

const WINDOWS = { '24h': 'Last day', '7d': 'Last 7 days', '30d': 'Last 30 days' };
const ERRORS = { '5m': 'Last 5 minutes', '1h': 'Last hour', '24h': 'Last day' };
const ROUTES_SHOWN = 15;
const USERS_SHOWN = 10;
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 });

/** How much is stored and how it grows; how fast the service answers. */
export function Load() {
  return (
    <>
      <Storage />
      <Speed />
      <Errors />
    </>
  );
}

function Storage() {
  const storage = useResource(
    async (signal) => (await api.get('/monitoring/storage', { query: { limit: USERS_SHOWN }, signal })).data,
    [],
  );
  return (
    <section class="card stack">
      <h2>Storage</h2>
      <Loaded of={storage}>
        {({ total, database, growth, users, last_check }) => (
          <>
            <Facts
              of={[
                ['Database', bytes(database.bytes)],
                ['Configs', bytes(total.config_bytes)],
                ['Stored', bytes(total.stored_bytes)],
                [
                  'Configs to stored',
                  total.ratio === null ? 'nothing stored yet' : `${total.ratio.toFixed(1)} to 1`,
                ],
                ['Graphs', total.graphs],
                ['Versions', total.versions],
                ['Accounts', total.users],
                ['Counted again', timeOr(last_check?.at ?? null)],
              ]}
            />
            <h3>Growth</h3>
            <Bars
              label="Growth of what is stored"
              none="Known after the first nightly count."
              of={growth.map((one) => ({
                name: WINDOWS[one.window],
                value: Math.max(0, one.stored_bytes),
                text: `${bytes(one.stored_bytes)}, ${count(one.versions, 'version')}`,
              }))}
            />
            <h3>Largest accounts</h3>
            <Bars
              label="Largest accounts"
              of={users.map((user) => ({
                name: user.user_id ?? 'deleted',
                value: user.stored_bytes,
                text: `${bytes(user.stored_bytes)}, ${count(user.versions, 'version')}`,
              }))}
            />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Speed() {
  const speed = useResource(
    async (signal) => (await api.get('/monitoring/performance', { signal })).data,
    [],
  );
  return (
    <section class="card stack">
      <h2>Speed</h2>
      <Loaded of={speed}>
        {({ minutes, routes }) => {
          const slowest = [...routes].sort((one, other) => (other.p95_ms ?? 0) - (one.p95_ms ?? 0));
          return (
            <>
              <p class="muted">
                The {Math.min(ROUTES_SHOWN, routes.length)} slowest routes of the last{' '}
                {count(minutes, 'minute')}: 95 of 100 requests were answered within this time.
              </p>
              <Bars
                label="Slowest routes"
                of={slowest.slice(0, ROUTES_SHOWN).map((route) => ({
                  name: `${route.method} ${route.route}`,
                  value: route.p95_ms ?? 0,
                  text: `${route.p95_ms?.toFixed(1) ?? 'unknown'} ms; half ${route.p50_ms?.toFixed(1) ?? 'unknown'} ms; ${count(route.count, 'request')}`,
                }))}
              />
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

function Errors() {
  const errors = useResource(async (signal) => (await api.get('/monitoring/errors', { signal })).data, []);
  return (
    <section class="card stack">
      <h2>Errors</h2>
      <Loaded of={errors}>
        {({ windows }) => (
          <Facts
            of={windows.map((one) => [
              ERRORS[one.window],
              `${one.errors} of ${count(one.requests, 'request')} (${percent.format(one.share)})`,
            ])}
          />
        )}
      </Loaded>
    </section>
  );
}
