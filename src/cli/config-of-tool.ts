import { AppConfig } from '../platform/config/app-config';

/** The settings of a tool. What is unknown goes to standard error, so that the output stays the tool's. */
export function configOfTool(): AppConfig {
  const config = AppConfig.fromProcess();
  for (const sentence of config.unknown) process.stderr.write(`${sentence}\n`);
  return config;
}
