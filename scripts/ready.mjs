// The health check of the container: ends with 0 if the service in it is ready for requests, with 1 otherwise.
// A file, because Podman splits the words of a check at their spaces, and a program on the command line has some.
const port = process.env.PORT || 3000;

globalThis.fetch(`http://127.0.0.1:${port}/health/ready`).then(
  (answer) => process.exit(answer.ok ? 0 : 1),
  () => process.exit(1),
);
