import '../platform/hardening/guard-prototypes';
import { lowerPriority } from '../platform/workers/lower-priority';
import { parseArchive, type ParseJob } from './domain/parse-archive';

lowerPriority();

export const manifest = (job: ParseJob) => parseArchive('manifest', job);
export const history = (job: ParseJob) => parseArchive('history', job);
export const documents = (job: ParseJob) => parseArchive('documents', job);
