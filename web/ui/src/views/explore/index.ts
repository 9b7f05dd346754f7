import './explore.css';
import { meta } from '../../meta';
import type { View } from '../../view';
import { Explorer } from './explorer';

let explorer: Explorer | undefined;

export const view: View = {
  title: 'Explorer',
  async mount(root) {
    const m = await meta();
    explorer = new Explorer(root, m);
  },
  unmount() {
    explorer?.destroy();
    explorer = undefined;
  },
};
