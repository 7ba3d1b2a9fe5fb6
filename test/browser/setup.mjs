/**
 * Unpacks the Chromium of the package once, before the workers start. CHROMIUM_PATH names one of your own. Stays in
 * the environment, which the workers inherit.
 */
export default async function setup() {
  if (process.env.CHROMIUM_PATH) return;
  const { default: chromium } = await import('@sparticuz/chromium');
  process.env.CHROMIUM_PATH = await chromium.executablePath();
}
