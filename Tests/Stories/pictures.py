"""Pictures of QR codes as people have them: drawn by another program than Coffer, then cut, turned dark or put together."""

import io
import pathlib
import subprocess

from PIL import Image, ImageOps

URI = "otpauth://totp/VK%20Cloud:me%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=VK%20Cloud"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER_URI = "otpauth://totp/Mail:me?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Mail"


def code(text, size=6, margin=4):
    """The QR code of a text, as libqrencode's own program draws it."""
    text = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run(
        ["qrencode", "-8", "-o", "-", "-s", str(size), "-m", str(margin)], input=text, capture_output=True, check=True)
    return Image.open(io.BytesIO(done.stdout)).convert("L")


def saved(picture, path, **options):
    path = pathlib.Path(path)
    picture.save(path, **options)
    return path


def screenshot(*codes, background=245, size=(1280, 800)):
    """Codes side by side on a screen."""
    screen = Image.new("L", size, background)
    left = 60
    for picture in codes:
        screen.paste(picture, (left, 120))
        left += picture.width + 80
    return screen


def inverted(picture):
    return ImageOps.invert(picture)


def trimmed(picture):
    """Without the white around the code."""
    return picture.crop(inverted(picture).getbbox())


def decoded(path):
    """What another reader sees in a picture."""
    done = subprocess.run(["zbarimg", "-q", "--raw", "-Sbinary", str(path)], capture_output=True, check=True)
    return done.stdout
