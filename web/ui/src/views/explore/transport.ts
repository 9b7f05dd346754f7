import { button, select } from '../../controls';
import { h, s } from '../../dom';
import { count } from '../../format';
import { reducedMotion } from '../../style';
import { speeds, type Speed } from './state';

export interface TransportOptions {
  speed: Speed;
  /** The step that is shown has changed. ended: it is the last. */
  on(step: number, ended: boolean): void;
  speeded(v: Speed): void;
}

export interface Transport {
  readonly root: HTMLElement;
  readonly step: number;
  /** Sets how many steps there are, and the one that is shown; -1 is the last. */
  set(total: number, step: number): void;
  speed(v: Speed): void;
  toggle(): void;
  by(steps: number): void;
  stop(): void;
}

// At speed 1 all steps take so many seconds.
const whole = 8;

const icon = (d: string): SVGSVGElement => s('svg', { width: 16, height: 16, viewBox: '0 0 16 16', 'aria-hidden': true }, s('path', { d, fill: 'currentColor' }));
const playing = 'M3 2h4v12H3zM9 2h4v12H9z';
const paused = 'M4 2l9 6-9 6z';

/** Play, pause, single steps, a slider over all steps, speed. */
export function transport(o: TransportOptions): Transport {
  let total = 1;
  let at = 1;
  let frame = 0;
  let exact = 0;
  let last = 0;
  let speed: Speed = o.speed;

  const face = icon(paused);
  const play = button({ label: 'Play', icon: face, iconOnly: true, kind: 'primary', title: 'Play (Space)', on: () => toggle() });
  const first = button({ label: 'To the start', icon: icon('M3 2h2v12H3zM14 2v12L6 8z'), iconOnly: true, kind: 'quiet', on: () => jump(0) });
  const back = button({ label: 'One step back', icon: icon('M11 2v12L3 8zM13 2h-1v12h1z'), iconOnly: true, kind: 'quiet', title: 'One step back (←)', on: () => jump(at - 1) });
  const next = button({ label: 'One step on', icon: icon('M5 2l8 6-8 6zM3 2h1v12H3z'), iconOnly: true, kind: 'quiet', title: 'One step on (→)', on: () => jump(at + 1) });
  const end = button({ label: 'To the end', icon: icon('M2 2l8 6-8 6zM11 2h2v12h-2z'), iconOnly: true, kind: 'quiet', on: () => jump(total) });
  const range = h('input', {
    type: 'range', min: '0', max: '1', step: '1', 'aria-label': 'Step',
    on: { input: () => jump(Number(range.value)) },
  });
  const text = h('output', { class: 'number', 'aria-hidden': true });
  const pace = select<Speed>({
    label: 'Speed', unlabelled: true, value: speed, options: speeds.map((v) => ({ value: v, label: `${v.replace('0.25', '¼').replace('0.5', '½')}×` })),
    on: (v) => { speed = v; o.speeded(v); },
  });
  const root = h('div', { class: 'transport', role: 'group', 'aria-label': 'Steps' },
    play.root, first.root, back.root, next.root, end.root, range, text, pace.root);

  const show = (): void => {
    range.max = String(total);
    range.value = String(at);
    range.style.setProperty('--filled', `${(100 * at) / total}%`);
    range.setAttribute('aria-valuetext', `step ${at} of ${total}`);
    text.textContent = `${count(at)} / ${count(total)}`;
    text.style.minWidth = `${2 * count(total).length + 3}ch`;
    back.disable(at <= 0);
    first.disable(at <= 0);
    next.disable(at >= total);
    end.disable(at >= total);
  };
  const go = (to: number): void => {
    const step = Math.max(0, Math.min(total, Math.round(to)));
    if (step === at) return;
    at = step;
    show();
    o.on(at, at === total);
  };
  const jump = (to: number): void => {
    stop();
    go(to);
  };
  const stop = (): void => {
    cancelAnimationFrame(frame);
    frame = 0;
    play.label('Play');
    play.root.title = 'Play (Space)';
    face.firstElementChild?.setAttribute('d', paused);
  };
  const tick = (now: number): void => {
    exact += (Math.min(now - last, 100) / 1000) * (total / whole) * Number(speed);
    last = now;
    go(exact);
    if (at >= total) stop();
    else frame = requestAnimationFrame(tick);
  };
  const toggle = (): void => {
    if (frame !== 0) return stop();
    if (at >= total) go(0);
    // Asked for less movement, the end is shown at once.
    if (reducedMotion()) return go(total);
    exact = at;
    last = performance.now();
    play.label('Pause');
    play.root.title = 'Pause (Space)';
    face.firstElementChild?.setAttribute('d', playing);
    frame = requestAnimationFrame(tick);
  };
  show();
  return {
    root, toggle, stop,
    get step() { return at; },
    set(n, step) {
      total = Math.max(1, n);
      const to = step < 0 ? total : Math.min(step, total);
      if (frame !== 0) at = Math.min(at, total);
      else at = to;
      show();
    },
    speed(v) {
      speed = v;
      pace.set(v);
    },
    by(steps) { jump(at + steps); },
  };
}
