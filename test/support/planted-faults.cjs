/** Loaded with `--require` before the service: SIGUSR2 plants a rejection that nothing handles. */
process.on('SIGUSR2', () => void Promise.reject(new Error('planted by a test')));
