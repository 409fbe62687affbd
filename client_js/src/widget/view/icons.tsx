/** Drawn here: an icon font or file would be one more thing for a page's policy to forbid. */
import type { ComponentChildren, JSX } from "preact";

function icon(children: ComponentChildren, size = 20): JSX.Element {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const ChatIcon = () =>
  icon(
    <path d="M21 11.5a8.4 8.4 0 0 1-9 8.4 9.6 9.6 0 0 1-3.6-.7L3 20.5l1.4-4.6a8 8 0 0 1-1.4-4.4 8.5 8.5 0 0 1 9-8.4 8.5 8.5 0 0 1 9 8.4Z" />,
    26,
  );
export const DownIcon = () => icon(<path d="m6 9 6 6 6-6" />, 26);
export const CloseIcon = () => icon(<path d="M18 6 6 18M6 6l12 12" />);
export const SendIcon = () => icon(<path d="M12 19V5M5 12l7-7 7 7" />);
export const CheckIcon = () => icon(<path d="m5 12.5 4.5 4.5L19 7.5" />, 24);
export const OfflineIcon = () =>
  icon(
    <path d="M2 2l20 20M8.5 16.4a5 5 0 0 1 7 0M5 12.9a10 10 0 0 1 5.2-2.7M19 12.9a10 10 0 0 0-2-1.6M2 8.8a15 15 0 0 1 4.2-2.6M22 8.8A15 15 0 0 0 10.7 5M12 20h.01" />,
    24,
  );
export const SoundOnIcon = () =>
  icon(<path d="M11 5 6 9H2v6h4l5 4V5ZM15.5 8.5a5 5 0 0 1 0 7M18.5 5.5a9 9 0 0 1 0 13" />);
export const SoundOffIcon = () => icon(<path d="M11 5 6 9H2v6h4l5 4V5ZM22 9l-6 6M16 9l6 6" />);
export const EndIcon = () =>
  icon(<path d="M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4M16 17l5-5-5-5M21 12H9" />);
