import './style.css';
import './figure.css';
import './controls.css';
import { startShell } from './shell';

startShell(document.body);
