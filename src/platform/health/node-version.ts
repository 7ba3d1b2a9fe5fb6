/**
 * What is wrong with a version of Node.js ("24.19.0"), in words; undefined if nothing is known. Node.js 24.19 and later
 * 24 end the process when garbage collection meets an object of better-sqlite3 12 outside of JavaScript.
 */
export function nodeFault(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 24 || minor < 19) return undefined;
  return (
    `Node.js ${version} can end this process at any time (a fault of Node.js 24.19 and later with better-sqlite3 12). ` +
    'No data is lost, but requests fail. Use Node.js 22 or 26.'
  );
}
