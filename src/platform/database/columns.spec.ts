import { EntitySchema } from 'typeorm';
import { assignments, columnsOf, placeholders, type PortableColumns } from './columns';

interface ThingRow {
  id: number;
  title: string;
  bytes: Buffer;
}
const thingSchema = (column: PortableColumns) =>
  new EntitySchema<ThingRow>({
    name: 'things',
    columns: { id: column.int64({ primary: true }), title: column.text(), bytes: column.bytes() },
  });

it('lists the columns of a schema in its order, without those that are left out', () => {
  expect(columnsOf(thingSchema)).toEqual(['id', 'title', 'bytes']);
  expect(columnsOf(thingSchema, ['bytes'])).toEqual(['id', 'title']);
});

it('prints placeholders and assignments', () => {
  expect(placeholders(['id', 'title'])).toBe(':id, :title');
  expect(assignments(['id', 'title'])).toBe('id = :id, title = :title');
});
