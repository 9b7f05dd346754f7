/** What may stand inside an element. Text always becomes a text node. */
export type Child = Node | string | number | false | null | undefined | readonly Child[];

type Handlers = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

/** Attributes of an element; `false`, `null` and `undefined` leave one out. */
export interface Props {
  class?: string;
  dataset?: Record<string, string | number | undefined>;
  on?: Handlers;
  [attribute: string]: unknown;
}

// These are set as properties: their attributes only give the first value.
const properties = new Set(['value', 'checked', 'indeterminate', 'selected', 'disabled', 'open', 'htmlFor']);

/** Makes an HTML element. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props?: Props | null,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (props) apply(element, props);
  append(element, children);
  return element;
}

/** Makes an SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes?: Props | null,
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  if (attributes) apply(element, attributes);
  append(element, children);
  return element;
}

/** Puts children where the parent's were. */
export function replace(parent: Element, ...children: Child[]): void {
  const fragment = document.createDocumentFragment();
  append(fragment, children);
  parent.replaceChildren(fragment);
}

let last = 0;

/** Returns an id that no other element has, for labels and descriptions. */
export function freshId(prefix: string): string {
  last += 1;
  return `${prefix}-${last}`;
}

function apply(element: HTMLElement | SVGElement, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on') {
      for (const [event, handler] of Object.entries(props.on ?? {})) {
        element.addEventListener(event, handler as EventListener);
      }
    } else if (name === 'dataset') {
      for (const [key, text] of Object.entries(props.dataset ?? {})) {
        if (text !== undefined) element.dataset[key] = String(text);
      }
    } else if (properties.has(name) && element instanceof HTMLElement && name in element) {
      if (value !== undefined && value !== null) Reflect.set(element, name, value);
    } else if (name === 'style') {
      throw new Error('dom: a style attribute is refused by the content security policy; set element.style.x');
    } else if (typeof value === 'boolean' && name.startsWith('aria-')) {
      element.setAttribute(name, String(value));
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
}

function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}
