import { Time } from './time';

const ISO_TIME = /(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)/;

/** A sentence of the service, with its times in the zone of the browser. */
export function WithTimes({ text }: { text: string }) {
  return (
    <>
      {/* Every second part is a time. */}
      {text
        .split(ISO_TIME)
        .map((part, index) => (index % 2 ? <Time key={index} at={part} as="full" /> : part))}
    </>
  );
}
