import { useLocation } from 'preact-iso';

/** How many entries a list leaves out, from its page in the address: `?runs=2` is the second page of the runs. */
export function useSkip(
  name: 'graphs' | 'runs',
  size: number,
): [skip: number, setSkip: (skip: number) => void] {
  const { path, query, route } = useLocation();
  const page = Number(query[name]);
  const skip = Number.isInteger(page) && page > 1 && page <= 10_000 ? (page - 1) * size : 0;
  const setSkip = (next: number) => {
    const search = new URLSearchParams(query);
    if (next > 0) search.set(name, String(next / size + 1));
    else search.delete(name);
    route(search.size > 0 ? `${path}?${search}` : path, true);
  };
  return [skip, setSkip];
}
