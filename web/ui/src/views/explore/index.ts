import './explore.css';
import type { View } from '../../view';
import { Explorer } from './explorer';

let explorer: Explorer | undefined;

export const view: View = {
  title: 'Explorer',
  mount(root, m) {
    explorer = new Explorer(root, m);
  },
  unmount() {
    explorer?.destroy();
    explorer = undefined;
  },
};
