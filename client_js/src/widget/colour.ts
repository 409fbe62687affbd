/** The company's colour, and colours that can be read on it and beside it (WCAG 2, AA). */

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const INK: Rgb = [17, 26, 34];
/** Where coloured text stands at worst: `--surface-3` of widget.css, light and dark. */
const LIGHT_SURFACE: Rgb = [237, 241, 244];
const DARK_SURFACE: Rgb = [35, 45, 56];
const AA = 4.5;

export interface Palette {
  brand: string;
  /** Text on the brand colour: white or ink, whichever reads better; black on a middling grey. */
  onBrand: string;
  /** The brand colour, moved until it reads on a light and on a dark surface. */
  inkLight: string;
  inkDark: string;
}

export function paletteOf(colour: string): Palette {
  const brand = parse(colour);
  const better = contrast(brand, WHITE) >= contrast(brand, INK) ? WHITE : INK;
  const onBrand = contrast(brand, better) >= AA ? better : BLACK;
  return {
    brand: hex(brand),
    onBrand: hex(onBrand),
    inkLight: hex(moved(brand, INK, LIGHT_SURFACE)),
    inkDark: hex(moved(brand, WHITE, DARK_SURFACE)),
  };
}

/** Between 1 and 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

export function parse(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Mixed with `towards` in small steps until it can be read on `surface`. */
function moved(colour: Rgb, towards: Rgb, surface: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, towards, share);
    if (contrast(mixed, surface) >= AA) return mixed;
  }
  return towards;
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => Math.round(a[index] + (b[index] - a[index]) * share);
  return [part(0), part(1), part(2)];
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function hex(colour: Rgb): string {
  return "#" + colour.map((part) => part.toString(16).padStart(2, "0")).join("");
}
