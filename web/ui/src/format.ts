// Numbers for people, as the command line writes them.

/** A number with four significant digits: 0.1235, 1.5e-5, NaN, +Inf. */
export function number4(v: number): string {
  return general(v, 4);
}

/** A number with six significant digits. */
export function number6(v: number): string {
  return general(v, 6);
}

/** A number with all its digits, which reads back to the same value. */
export function exact(v: number): string {
  if (!Number.isFinite(v)) return special(v);
  return String(v);
}

/** A whole number with commas between thousands. */
export function count(n: number): string {
  const digits = String(Math.trunc(Math.abs(n))).replace(/\B(?=(\d{3})+$)/g, ',');
  return n < 0 ? `-${digits}` : digits;
}

/** A share: percent(0.5) is "50.00 %". */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${fixed(100 * share, 2)} %` : `${special(share)} %`;
}

/** An amount of memory in binary units: 1536 is "1.50 KiB". */
export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let v = n;
  let i = 0;
  while (v >= 1024 && i < units.length - 1) {
    v /= 1024;
    i++;
  }
  return i === 0 ? `${n} B` : `${fixed(v, 2)} ${units[i]}`;
}

/** A time in seconds: "0.12 s", "12.3 s", "1m40s", "2h5m0s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return special(seconds);
  if (seconds < 100) return `${general(Math.trunc(seconds * 1e9) / 1e9, 3).replace(/e-(\d)$/, 'e-0$1')} s`;
  const whole = Math.round(seconds);
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  return (h > 0 ? `${h}h${m}m` : `${m}m`) + `${whole % 60}s`;
}

/** A moment in local time to the minute: "2026-03-01 14:05". Text is read as RFC 3339, numbers as Unix milliseconds. */
export function when(moment: string | number | Date): string {
  const d = moment instanceof Date ? moment : new Date(moment);
  if (Number.isNaN(d.getTime())) return '';
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** A number of things: "1 run", "2 runs". */
export function plural(n: number, thing: string): string {
  return n === 1 ? `1 ${thing}` : `${count(n)} ${thing}s`;
}

/** A number with so many significant digits as "%.*g" writes it, its exponent without a leading zero. */
export function general(v: number, digits: number): string {
  if (!Number.isFinite(v)) return special(v);
  if (v === 0) return Object.is(v, -0) ? '-0' : '0';
  const { mantissa, exponent, sign } = rounded(v, digits);
  const tail = mantissa.replace(/0+$/, '');
  if (exponent < -4 || exponent >= digits) {
    const fraction = tail.length > 1 ? `.${tail.slice(1)}` : '';
    return `${sign}${tail[0]}${fraction}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${tail}`;
  const whole = mantissa.slice(0, exponent + 1);
  const fraction = mantissa.slice(exponent + 1).replace(/0+$/, '');
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
}

/** A number with as many significant digits as fit into so many characters, at most six and at least one. */
export function fitting(v: number, characters: number): string {
  let text = '';
  for (let digits = 6; digits >= 1; digits--) {
    text = general(v, digits);
    if (text.length <= characters) break;
  }
  return text;
}

function special(v: number): string {
  return Number.isNaN(v) ? 'NaN' : v > 0 ? '+Inf' : '-Inf';
}

/** toFixed, but halves that are exact go to the even digit, as in Go and C. */
function fixed(v: number, decimals: number): string {
  const text = v.toFixed(decimals);
  const long = v.toFixed(Math.min(100, decimals + 40));
  const dot = long.indexOf('.') + 1 + decimals;
  if (!/^50*$/.test(long.slice(dot))) return text;
  const down = long.slice(0, dot);
  return Number(down.at(-1)) % 2 === 0 ? down : text;
}

/** The digits of v rounded to so many, halves that are exact to the even digit. */
function rounded(v: number, digits: number): { mantissa: string; exponent: number; sign: string } {
  const long = Math.abs(v).toExponential(Math.min(100, digits + 40));
  const [m = '', e = '0'] = long.split('e');
  const all = m.replace('.', '');
  const sign = v < 0 ? '-' : '';
  if (/^50*$/.test(all.slice(digits)) && Number(all[digits - 1]) % 2 === 0) {
    return { mantissa: all.slice(0, digits), exponent: Number(e), sign };
  }
  const [short = '', se = '0'] = Math.abs(v).toExponential(digits - 1).split('e');
  return { mantissa: short.replace('.', ''), exponent: Number(se), sign };
}
