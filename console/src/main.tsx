import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/pictures.css';
import './styles/shell.css';
import { render } from 'preact';
import { App } from './app';
import { showMarksEverywhere } from './parts/direction-marks';

// Password links were made as `/#/password-reset?token=…`. The token stays behind the `#`, which no server sees.
const link = /^#\/password-reset\?(token=.+)$/.exec(location.hash);
if (link) history.replaceState(null, '', `/password-reset#${link[1]}`);

showMarksEverywhere();
render(<App />, document.getElementById('app')!);
