// The controls of every view: each has a label, help, an error under it, and works by keyboard and touch.

export { button, copyText, disclosure, type Button, type ButtonOptions } from './controls/button';
export { combobox, type ComboboxOptions } from './controls/combobox';
export { askDelete } from './controls/deletion';
export { dialog, type Dialog } from './controls/dialog';
export { type Control, type Option } from './controls/field';
export { menu, type Menu, type MenuItem } from './controls/menu';
export { checkbox, radios, select } from './controls/choice';
export { slider, type SliderOptions } from './controls/slider';
export { tabs, type Tab } from './controls/tabs';
export { numberField, textField, type NumberFieldOptions, type TextFieldOptions } from './controls/textfield';
