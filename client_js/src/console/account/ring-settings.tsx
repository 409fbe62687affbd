import { Play } from "lucide-react";
import { useState } from "react";
import { Label, Slider, SliderThumb, SliderTrack } from "react-aria-components";

import { Button } from "../kit/button";
import { Switch } from "../kit/field";
import { ask, permission, supported } from "../ring/notification";
import { chime } from "../ring/sound";
import { set, useSettings } from "../settings";
import { texts } from "../texts";
import { Section } from "./account";

const words = texts.account;

export function RingSettings() {
  const { sound, volume } = useSettings();
  return (
    <Section title={words.rings}>
      <Switch
        label={words.sound}
        hint={words.soundHint}
        on={sound}
        onChange={(on) => set({ sound: on })}
      />
      <div className="volume">
        <Slider
          className="slider"
          value={volume}
          minValue={0.1}
          maxValue={1}
          step={0.1}
          isDisabled={!sound}
          onChange={(next) => set({ volume: next })}
        >
          <Label>{words.volume}</Label>
          <SliderTrack className="slider-track">
            <SliderThumb className="slider-thumb" />
          </SliderTrack>
        </Slider>
        <Button icon={<Play size={14} />} onPress={() => void chime(volume)}>
          {words.soundTest}
        </Button>
      </div>
      <Notifications />
    </Section>
  );
}

/** The browser is asked only here, on the rep's click. */
function Notifications() {
  const { notifications } = useSettings();
  const [allowed, setAllowed] = useState(permission());
  const change = async (on: boolean) => {
    const granted = on && allowed !== "granted" ? await ask() : true;
    setAllowed(permission());
    set({ notifications: on && granted });
  };
  const hint = !supported()
    ? words.notificationsNone
    : allowed === "denied"
      ? words.notificationsDenied
      : words.notificationsHint;
  return (
    <Switch
      label={words.notifications}
      hint={hint}
      on={notifications && allowed === "granted"}
      disabled={!supported() || allowed === "denied"}
      onChange={(on) => void change(on)}
    />
  );
}
