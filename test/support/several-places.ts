import { startApp, type TestApp } from './app';
import { migratedPlace, newPlace, type TestPlace } from './database';

/** The places and services of one test, which end with it. */
export interface SeveralPlaces {
  /** A fresh folder and an empty database. */
  aPlace: () => Promise<TestPlace>;
  /** A place that a service starts on first, which makes its schema; see `migratedPlace`. */
  aMigratedPlace: () => Promise<TestPlace>;
  /** Starts the service on a place that another start, or a copy of files, left behind. */
  startOn: (place: TestPlace, environment?: Record<string, string>) => Promise<TestApp>;
  /** Removes this one too when the test has ended. */
  keep: (place: TestPlace) => TestPlace;
}

/** For spec files whose tests need more than one place; to be called at their top. */
export function severalPlaces(): SeveralPlaces {
  let places: TestPlace[] = [];
  let apps: TestApp[] = [];
  afterEach(async () => {
    const [ended, left] = [apps, places];
    [apps, places] = [[], []];
    for (const app of ended) await app.stop();
    for (const place of left) await place.remove();
  });
  const keep = (place: TestPlace) => {
    places.push(place);
    return place;
  };
  return {
    keep,
    aPlace: async () => keep(await newPlace()),
    aMigratedPlace: async () => keep(await migratedPlace()),
    startOn: async (place, environment = {}) => {
      const app = await startApp(environment, place);
      apps.push(app);
      return app;
    },
  };
}
