/* usage: node -r @swc-node/register ab.ts GET|PUT BYTES CONN ROUNDS MS dirA dirB ... ('floor' = bytes floor; dir|ENV=1 ; dir@file logs to file) */
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { signedIn, startFloorContender, type Contender } from './http/contenders';
import { Connection, requestBytes } from './http/connection';
import { series } from './http/documents';
import { graphBody } from '../../scripts/http-session';
import { round, type Lane } from './http/load';
const [method='GET', bytes='10000', conns='64', rounds='20', ms='400', ...dirs] = process.argv.slice(2);
async function service(spec: string): Promise<Contender> {
  const [dir='', ...envs] = spec.split('|');
  const folder = mkdtempSync('/tmp/ab-');
  const env: Record<string,string> = { PATH: process.env.PATH!, HOST:'127.0.0.1', PORT:'0', SHUTDOWN_DELAY_SECONDS:'0', REGISTRATION:'open', THROTTLE_PER_MINUTE:'0', DISK_RESERVE_BYTES:'0', DATA_DIR: folder, LOG_FORMAT:'json', ACCESS_TOKEN_EXPIRE_MINUTES:'240' };
  const exec: string[] = [];
  for (const e of envs) { if (e.startsWith('--')) exec.push(e); else { const [k='',v='']=e.split('='); env[k]=v; } }
  const log = join(folder,'log');
  const fd = openSync(log,'w');
  const child = spawn(process.execPath, [...exec, join(dir,'dist/main.js')], { env, stdio:['ignore', fd, 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let url='';
  for (let i=0;i<200 && !url;i++){ await new Promise(r=>setTimeout(r,50)); url=/"address":"([^"]+)"/.exec(readFileSync(log,'utf8'))?.[1] ?? ''; }
  const user = await signedIn(url);
  return { name: spec, urls:[url], pids:[child.pid!], ...user, stop: async () => { child.kill(); await new Promise(r=>child.once('close', r)); rmSync(folder,{recursive:true}); } };
}
function ns(pid: number): [number, number] {
  const main = Number(readFileSync(`/proc/${pid}/schedstat`,'latin1').split(' ')[0]);
  let all=0; for (const t of readdirSync(`/proc/${pid}/task`)) { try { all += Number(readFileSync(`/proc/${pid}/task/${t}/schedstat`,'latin1').split(' ')[0]); } catch {} }
  return [main, all];
}
const med=(a:number[])=>[...a].sort((x,y)=>x-y)[a.length>>1]!;
const fifth=(a:number[])=>{const s=[...a].sort((x,y)=>x-y).slice(0,Math.max(1,Math.round(a.length/5)));return s.reduce((x,y)=>x+y,0)/s.length;};
(async()=>{
  const cs: Contender[] = [];
  for (const d of dirs) cs.push(d==='floor' ? await startFloorContender('bytes') : await service(d));
  const lanes: Lane[][] = [];
  for (const c of cs) { const l: Lane[] = []; for (let seed=1; seed<=Number(conns); seed++){ const there=series(Number(bytes),16,seed); const path=await c.create(there[0]!); const configs=[...there.slice(1),...there.slice(0,-1).reverse()];
    const requests = method==='GET'?[requestBytes('GET',path,c.token)]:configs.map(x=>requestBytes('PUT',path,c.token,graphBody('Bench',x)));
    l.push({connection: await Connection.open(c.urls[0]!), requests, next:0}); } lanes.push(l); }
  for (const [i,c] of cs.entries()) await round(lanes[i]!, 3000, [...c.pids]);
  const out = cs.map(()=>({main:[] as number[], all:[] as number[], rate:[] as number[]}));
  for (let r=0;r<Number(rounds);r++) for (const [i,c] of cs.entries()) {
    const a=ns(c.pids[0]!); const f=await round(lanes[i]!, Number(ms), [...c.pids]); const b=ns(c.pids[0]!);
    const n=f.perSecond*Number(ms)/1000; out[i]!.main.push((b[0]-a[0])/1000/n); out[i]!.all.push((b[1]-a[1])/1000/n); out[i]!.rate.push(f.perSecond);
  }
  for (const [i,c] of cs.entries()) { const o=out[i]!; console.log(c.name.padEnd(40), 'main', fifth(o.main).toFixed(1), med(o.main).toFixed(1), 'all', fifth(o.all).toFixed(1), med(o.all).toFixed(1), 'rate', med(o.rate).toFixed(0), i>0?('ratio to first '+med(o.rate.map((x,k)=>x/out[0]!.rate[k]!)).toFixed(3)):''); }
  for (const l of lanes.flat()) l.connection.close();
  for (const c of cs) await c.stop();
  process.exit(0);
})();
