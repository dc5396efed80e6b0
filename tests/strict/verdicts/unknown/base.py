from fast_ext import Base


class Widget(Base):
    pass
