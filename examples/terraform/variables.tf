variable "suffix" {
  type        = string
  description = "Appended to names, so that one account can hold several environments."
}

variable "model" {
  type        = string
  default     = "1706077826"
  description = "Id of the bots' model, from the address of its page in your workspace."
}

variable "hooks" {
  type        = string
  description = "The host that receives callbacks. It must be up before an apply: Coze posts a challenge to it."
}

variable "members" {
  type        = map(string)
  description = "User id to role: admin or member."
  default = {
    "1000000000000101" = "admin"  # 客服主管
    "1000000000000102" = "member" # 售后专员
    "1000000000000103" = "member" # 商品专员
  }
}

variable "allow_ownership_transfer" {
  type        = bool
  default     = false
  description = "Whether members may be removed or get another role: what they own then goes to the workspace's owner, for good."
}

locals {
  # Prompts, documents and the icon are those of the other example.
  shop = "${path.module}/../quickstart"
  icon = "${local.shop}/assets/shop.png"
}
