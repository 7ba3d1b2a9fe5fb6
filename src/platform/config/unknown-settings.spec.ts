import fc from 'fast-check';
import { parse } from 'dotenv';
import { describeUnknown, unknownInEnvironment, unknownInFile } from './unknown-settings';
import { VARIABLES } from './variables';

const KNOWN = Object.keys(VARIABLES);
const inFile = (text: string) => unknownInFile(text, parse(text), KNOWN).map(describeUnknown);
const meant = (...names: string[]) => unknownInEnvironment(names, KNOWN).map((unknown) => unknown.meant);

describe('unknown settings', () => {
  it('are named with their line in .env and the setting that was meant', () => {
    const text = '# a comment\nPORT=3000\n\nREGISTRATON=closed\nexport MY_OWN=secret-value\nPORT 3000\n';
    expect(inFile(text)).toEqual([
      'REGISTRATON (.env, line 4) is not a setting of this service and is ignored: did you mean REGISTRATION?',
      'MY_OWN (.env, line 5) is not a setting of this service and is ignored: .env.example lists all settings',
      '.env, line 6 is not a setting and is ignored: write NAME=value, or # for a comment',
    ]);
  });

  it('of other programs are not reported, and neither are values of several lines', () => {
    expect(inFile('AWS_REGION=x\nPOSTGRES_PASSWORD=x\nNODE_OPTIONS=x\nTZ=UTC\nUPSTREAMS=x')).toEqual([]);
    expect(inFile('SECRET_KEY="one\ntwo\nthree"\nPORT=1')).toEqual([]);
  });

  it('of the environment are reported only if their names are almost those of settings', () => {
    expect(meant('REGISTRATOIN', 'DATABASE_URI', 'LOGLEVEL', 'BACKUP_STORE', 'GRAPHOMAT_DATA_DIR')).toEqual([
      'REGISTRATION',
      'DATABASE_URL',
      'LOG_LEVEL',
      'BACKUP_STORE_URL',
      'DATA_DIR',
    ]);
    const usual = ['PATH', 'HOME', 'HOSTNAME', 'HOSTTYPE', 'USER', 'SHLVL', 'PWD', 'TERM', 'LOGNAME', 'LANG'];
    const common = ['XDG_DATA_DIRS', 'SECRET_KEY_BASE', 'JAVA_HOME', 'npm_config_cache', 'SSH_CONNECTION'];
    expect(meant(...usual, ...common)).toEqual([]);
  });

  it('never include a known one, and always find one wrong character in a long name', () => {
    const long = KNOWN.filter((name) => name.length >= 10);
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.nat(), (name, at) => {
        const index = at % name.length;
        const wrong = `${name.slice(0, index)}#${name.slice(index + 1)}`;
        expect(meant(name)).toEqual([]);
        expect(meant(wrong)).toHaveLength(1);
      }),
    );
  });
});
