import 'reflect-metadata';
import { arch, cpus, loadavg, platform } from 'node:os';
import { benchCodec } from './codec/bench';
import { benchConsole } from './console/bench';
import { benchDiff } from './diff/bench';
import { benchFuzz } from './fuzz/bench';
import { benchHttp } from './http/bench';
import { type Options, readOptions } from './options';
import { benchExport } from './service/export';
import { benchList } from './service/list';
import { benchNeighbours } from './service/neighbours';
import { benchLoop } from './service/loop';
import { benchRecovery } from './service/recovery';
import { benchSources } from './service/sources';
import { benchStart } from './service/start';
import { benchVault } from './service/vault';
import { benchPictures } from './pictures/bench';
import { benchPostgres } from './postgres/bench';
import { benchStore } from './store/bench';
import { benchYear } from './year/bench';

const BENCHES: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  http: benchHttp,
  postgres: benchPostgres,
  loop: benchLoop,
  start: benchStart,
  store: benchStore,
  codec: benchCodec,
  diff: benchDiff,
  pictures: benchPictures,
  list: benchList,
  export: benchExport,
  neighbours: benchNeighbours,
  recovery: benchRecovery,
  sources: benchSources,
  vault: benchVault,
  year: benchYear,
  console: benchConsole,
  fuzz: benchFuzz,
};
const USAGE = `Usage: npm run bench -- [--only ${Object.keys(BENCHES).join(',')}] [--history NAME,NAME] [--corpus FOLDER]
                     [--rounds N] [--seconds N] [--row PART_OF_A_NAME] [--profile FOLDER]
                     [--database sqlite|postgres] [--scale PART_OF_A_YEAR] [--requests N] [--seed N]`;

function machine(): string {
  const { length } = cpus();
  const load = loadavg()[0]?.toFixed(1);
  return `Node ${process.versions.node}, ${platform()} ${arch()}, ${length} cores (${cpus()[0]?.model.trim()}), load ${load}`;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const unknown = options.only.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) throw new Error(`There is no bench named ${unknown.join(', ')}.\n${USAGE}`);
  console.log(machine());
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (options.only.length > 0 && !options.only.includes(name)) continue;
    console.log(`\n== ${name}`);
    await bench(options);
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
