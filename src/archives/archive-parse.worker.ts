import '../platform/hardening/guard-prototypes';
import { setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { parseArchive, type ParseJob } from './domain/parse-archive';

/** As the codec's workers: a third of the share of cores that the requests' thread gets where they are short. */
const NICENESS = 5;
// On Linux a priority is a thread's own; elsewhere it would be the whole process's.
if (!isMainThread && process.platform === 'linux') setPriority(NICENESS);

export const manifest = (job: ParseJob) => parseArchive('manifest', job);
export const history = (job: ParseJob) => parseArchive('history', job);
export const documents = (job: ParseJob) => parseArchive('documents', job);
