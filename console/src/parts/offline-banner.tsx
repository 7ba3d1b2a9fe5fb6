import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icon';

/** Says that the browser has no network. Screens load again by themselves when it is back. */
export function OfflineBanner() {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    addEventListener('online', update);
    addEventListener('offline', update);
    return () => {
      removeEventListener('online', update);
      removeEventListener('offline', update);
    };
  }, []);
  if (online) return null;
  return (
    <p class="banner" role="status">
      <Icon name="clock" /> You are offline. What you see may be out of date.
    </p>
  );
}
