import { Button } from "../kit/button";
import { say } from "../kit/toast";
import { texts } from "../texts";

/** An invitation's link: shown once, for when email doesn't arrive. */
export function CopyLink({ link }: { link: string }) {
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    say(texts.invite.copied);
  };
  return (
    <div className="field">
      <span className="field-label">{texts.invite.link}</span>
      <div className="copy-link">
        <code className="clip" title={link}>
          {link}
        </code>
        <Button size="small" onPress={() => void copy()}>
          {texts.invite.copy}
        </Button>
      </div>
    </div>
  );
}
