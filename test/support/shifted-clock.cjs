// Loaded into a tool with `node -r`: moves its wall clock by CLOCK_SHIFT_MS, for tests that live in another time.
const shift = Number(process.env.CLOCK_SHIFT_MS);
const now = Date.now;
Date.now = () => now() + shift;
