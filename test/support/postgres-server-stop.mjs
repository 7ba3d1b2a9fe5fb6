/** Stops what postgres-server.mjs has started. */
export default async function stopPostgres() {
  await globalThis.__POSTGRES_SERVER__?.stop();
}
