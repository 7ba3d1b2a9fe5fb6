import { api } from '../../api/client';
import type { components } from '../../api/schema';
import type { Source } from './draft';

type Change = components['schemas']['UpdateSourceBody'];

/** Changes a source and, unless it is paused, starts its next run without waiting for the minute. */
export async function changeSource(id: string, body: Change): Promise<Source> {
  const { data } = await api.patch('/sources/{id}', { path: { id }, body });
  if (data.enabled) await api.post('/sources/{id}/sync', { path: { id } });
  return data;
}
